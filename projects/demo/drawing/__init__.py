"""The set, the puppets and the camera of the demo film."""
