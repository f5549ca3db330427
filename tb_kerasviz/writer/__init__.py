"""Writes records into event files, in the background, without TensorFlow.

* `interface`: what a record and a writer are.
* `async_writer`: the writer that training uses.
* `memory_writer`: the same interface in memory, for tests (yours and ours).
* `discarding_writer`: the same for a process that is not the one that writes.
* `schedule`: when to capture.

Within it, from the caller to the disk:

* `writer_core`: accepts records; `admission` says which, `block_budget` how
  long a caller may be made to wait.
* `shared_state`: what the threads share: `record_queue`, bounded in bytes, and
  `ledger`, the counters.
* `drain`: the one thread; a `lane` for each run directory, and `status_log`
  for what the log says about its own writing.
* `events`: the protocol buffers.
* `event_file`: what an event file is; `local_file`: on a disk; `remote_file`:
  in an object store, through TensorBoard's own file layer; `open_event_file`
  chooses.
"""
