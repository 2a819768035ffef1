"""The network that cuts a person out of a photo: cut-outs, scenes, training, export."""
