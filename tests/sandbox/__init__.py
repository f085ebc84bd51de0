"""The sandbox, asked through real sockets."""
