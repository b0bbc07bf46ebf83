"""ConsistI2V (Ren et al. 2024): a picture and a text to video, held to its first frame."""
