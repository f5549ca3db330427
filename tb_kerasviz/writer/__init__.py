"""Writes records into event files, in the background, without TensorFlow.

* `interface`: what a record and a writer are.
* `async_writer`: the writer that training uses: a queue bounded in bytes and
  one thread.
* `event_file`: one event file on disk (or on anything that TensorBoard's own
  file layer opens).
* `events`: the protocol buffers.
* `memory_writer`: the same interface in memory, for tests (yours and ours).
* `schedule`: when to capture.
"""
