"""The review room: pages over the project folder. They call the methods the command line calls, and keep no state."""
