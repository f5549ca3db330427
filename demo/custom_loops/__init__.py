"""Custom training loops that log with `tb_kerasviz.Writer`, one per backend.

KERAS_BACKEND=tensorflow python -m demo.custom_loops.tensorflow_loop logs/loop
KERAS_BACKEND=jax        python -m demo.custom_loops.jax_loop        logs/loop
KERAS_BACKEND=torch      python -m demo.custom_loops.torch_loop      logs/loop
"""
