"""Adds python_sha256 to canonical-json.json: the hash old Python programs make, by Python's own json module.

    python3 add-python-hashes.py [FILE]
"""
import hashlib
import json
import pathlib
import sys

path = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parent / "../../spec/ivxp/vectors/canonical-json.json")
vectors = json.loads(path.read_text())
for case in vectors["cases"]:
    text = json.dumps(json.loads(case["input"]), sort_keys=True)
    case["python_sha256"] = hashlib.sha256(text.encode()).hexdigest()
path.write_text(json.dumps(vectors, indent=1, ensure_ascii=True) + "\n")
