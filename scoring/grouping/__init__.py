"""One incident, once: reports of one event found, merged with a reason, and their origins told apart."""
