"""Small trainings on real data that give each view something to show.

`python -m demo` trains three models on scikit-learn's handwritten digits, one
healthy and two broken in instructive ways, and opens them in TensorBoard.
"""
