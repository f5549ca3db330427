"""TensorBoard's side: reads the logs and serves them to the front end."""
