"""The shared format: what is written into event files and read back.

Writer and reader meet only here. Nothing in this package imports a machine
learning framework, opens a file or talks to TensorBoard's server:

* `metadata`: the plugin's name, the format's version, summary metadata.
* `tags`: the tags that exist and the run directories that hold them.
* `schema`: every JSON document, as typed structs. The front end's
  `frontend/src/wire/generated.ts` is generated from it.
* `codec`: one *member* = gzip(JSON) or gzip(safetensors) with its own
  checksum, size and sequence number.
* `records`: the framing of an event file.
* `model_graphs`, `activations`, `weights`, `dynamics`, `probes`, `statuses`:
  how each family of data becomes members, and how it is read back.
"""
