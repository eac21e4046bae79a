"""How fast to send: what is known of the server, in pure parts, and the limiter that awaits."""
