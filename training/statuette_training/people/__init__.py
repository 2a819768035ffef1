"""Random clothed people from the building blocks: bodies, faces, poses, garments, materials."""
