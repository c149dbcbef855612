"""The ballot box: keys, seals, and the way of sealed answers into the fact table and its backup."""
