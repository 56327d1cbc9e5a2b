"""Reading mail: raw bytes in, what they mean out. Bounded in time and memory, and it never raises."""
