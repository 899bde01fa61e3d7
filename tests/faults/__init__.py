"""What the network does to a pass, one file a row of the fault catalogue, played by a server of raw sockets."""
