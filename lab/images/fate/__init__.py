"""FATE's services as the lab plays them: each reads the configuration that the real one reads, opens its ports, talks
to the services it depends on, and ends with one clear sentence where the real one would not work.

The package runs inside the images on Debian's Python; it knows nothing of the program that deploys it.
"""
