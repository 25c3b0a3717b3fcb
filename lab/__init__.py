"""What it takes to run the program for real on one machine: tools, plugins, a cluster, an engine, images."""
