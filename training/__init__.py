"""Training: data to examples, the joint model, the loop, export to a release."""
