"""Says the class of a layer in a file of JSON, read as Keras reads it: the bytes go to Python's json.

    json_layer.py FILE
"""
import json
import sys

with open(sys.argv[1], "rb") as file:
    print(json.loads(file.read())["class_name"])
