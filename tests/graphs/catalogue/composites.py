"""Keras's own layers that hold layers: recurrent ones, wrappers, attention."""

from __future__ import annotations

import keras
import numpy as np
from keras import layers

from tests.graphs.truth import call, case


@case(
    call("x", "InputLayer", [], "N,6:int32"),
    call("embed", "Embedding", "x", "N,6,4", params=80),
    call(
        "lstm",
        "LSTM",
        "embed",
        ["N,6,5", "N,5", "N,5"],
        params=200,
        contains=["lstm_cell"],
    ),
    call("gru", "GRU", "lstm", "N,3", params=90, contains=["gru_cell"]),
    call("rnn", "SimpleRNN", "lstm", "N,2", params=16, contains=["simple_rnn_cell"]),
    call("join", "Concatenate", ["gru", "rnn", "lstm:1"], "N,10"),
    outputs="join",
)
def recurrent_layers() -> keras.Model:
    x = keras.Input((6,), dtype="int32", name="x")
    embedded = layers.Embedding(20, 4, name="embed")(x)
    lstm = layers.LSTM(5, return_sequences=True, return_state=True, name="lstm")
    sequence, hidden, _ = lstm(embedded)
    gru = layers.GRU(3, name="gru")(sequence)
    rnn = layers.SimpleRNN(2, name="rnn")(sequence)
    return keras.Model(x, layers.Concatenate(name="join")([gru, rnn, hidden]))


@case(
    call("x", "InputLayer", [], "N,6:int32"),
    call("embed", "Embedding", "x", "N,6,4", params=80),
    call("not_equal", "NotEqual", "x", "N,6:bool"),
    call(
        "lstm",
        "LSTM",
        ["embed", "not_equal"],
        "N,5",
        params=200,
        contains=["lstm_cell"],
    ),
    outputs="lstm",
)
def mask_given_by_keyword() -> keras.Model:
    x = keras.Input((6,), dtype="int32", name="x")
    embedded = layers.Embedding(20, 4, name="embed")(x)
    mask = keras.ops.not_equal(x, 0)
    return keras.Model(x, layers.LSTM(5, name="lstm")(embedded, mask=mask))


@case(
    call("x", "InputLayer", [], "N,6:int32"),
    call("embed", "Embedding", "x", "N,6,4", params=80),
    call("not_equal", "NotEqual", "x", "N,6:bool"),
    call(
        "lstm",
        "LSTM",
        ["embed", "not_equal"],
        "N,5",
        params=200,
        contains=["lstm_cell"],
    ),
    outputs="lstm",
)
def mask_of_an_embedding() -> keras.Model:
    x = keras.Input((6,), dtype="int32", name="x")
    embedded = layers.Embedding(20, 4, mask_zero=True, name="embed")(x)
    return keras.Model(x, layers.LSTM(5, name="lstm")(embedded))


@case(
    call("x", "InputLayer", [], "N,6,4"),
    call("cell_rnn", "RNN", "x", "N,5", params=50, contains=["cell"]),
    outputs="cell_rnn",
)
def recurrent_layer_of_a_cell() -> keras.Model:
    x = keras.Input((6, 4), name="x")
    cell = layers.SimpleRNNCell(5, name="cell")
    return keras.Model(x, layers.RNN(cell, name="cell_rnn")(x))


@case(
    call("x", "InputLayer", [], "N,6,4"),
    call(
        "rnn",
        "RNN",
        "x",
        "N,3",
        params=290,
        contains=["stack", "stack/first", "stack/second"],
    ),
    outputs="rnn",
)
def recurrent_layer_of_stacked_cells() -> keras.Model:
    x = keras.Input((6, 4), name="x")
    cells = [layers.LSTMCell(5, name="first"), layers.GRUCell(3, name="second")]
    stack = layers.StackedRNNCells(cells, name="stack")
    return keras.Model(x, layers.RNN(stack, name="rnn")(x))


@case(
    call("frames", "InputLayer", [], "N,3,5,5,2"),
    call(
        "conv_lstm",
        "ConvLSTM2D",
        "frames",
        "N,3,3,2",
        params=296,
        contains=["conv_lstm_cell"],
    ),
    outputs="conv_lstm",
)
def convolutional_recurrent_layer() -> keras.Model:
    frames = keras.Input((3, 5, 5, 2), name="frames")
    y = layers.ConvLSTM2D(2, 3, name="conv_lstm")(frames)
    return keras.Model(frames, y)


@case(
    call("x", "InputLayer", [], "N,6,4"),
    call("encoder", "LSTM", "x", ["N,5", "N,5", "N,5"], params=200),
    call("y", "InputLayer", [], "N,7,4"),
    call("decoder", "LSTM", ["y", "encoder:1", "encoder:2"], "N,5", params=200),
    outputs="decoder",
)
def recurrent_layer_with_an_initial_state() -> keras.Model:
    x = keras.Input((6, 4), name="x")
    y = keras.Input((7, 4), name="y")
    _, hidden, carry = layers.LSTM(5, return_state=True, name="encoder")(x)
    decoder = layers.LSTM(5, name="decoder")
    return keras.Model([x, y], decoder(y, initial_state=[hidden, carry]))


@case(
    call("x", "InputLayer", [], "N,6,5"),
    call(
        "bi",
        "Bidirectional",
        "x",
        "N,6,6",
        params=216,
        contains=[
            "forward_lstm",
            "forward_lstm/lstm_cell",
            "backward_lstm",
            "backward_lstm/lstm_cell",
        ],
    ),
    call("out", "Dense", "bi", "N,6,2", params=14),
    outputs="out",
)
def bidirectional() -> keras.Model:
    x = keras.Input((6, 5), name="x")
    lstm = layers.LSTM(3, return_sequences=True)
    y = layers.Bidirectional(lstm, name="bi")(x)
    return keras.Model(x, layers.Dense(2, name="out")(y))


@case(
    call("x", "InputLayer", [], "N,6,8,8,1"),
    call("timed", "TimeDistributed", "x", "N,6,6,6,2", params=20, contains=["conv"]),
    call("pool", "TimeDistributed", "timed", "N,6,2", contains=["average"]),
    outputs="pool",
)
def time_distributed() -> keras.Model:
    x = keras.Input((6, 8, 8, 1), name="x")
    conv = layers.Conv2D(2, 3, name="conv")
    y = layers.TimeDistributed(conv, name="timed")(x)
    average = layers.GlobalAveragePooling2D(name="average")
    return keras.Model(x, layers.TimeDistributed(average, name="pool")(y))


@case(
    call("x", "InputLayer", [], "N,6,4"),
    call(
        "timed",
        "TimeDistributed",
        "x",
        "N,6,2",
        params=37,
        contains=["body", "body/hidden", "body/out"],
    ),
    outputs="timed",
)
def time_distributed_model() -> keras.Model:
    body = keras.Sequential(
        [
            keras.Input((4,), name="in"),
            layers.Dense(5, name="hidden"),
            layers.Dense(2, name="out"),
        ],
        name="body",
    )
    x = keras.Input((6, 4), name="x")
    return keras.Model(x, layers.TimeDistributed(body, name="timed")(x))


@case(
    call("q", "InputLayer", [], "N,5,8"),
    call("v", "InputLayer", [], "N,6,8"),
    call("dot", "Attention", ["q", "v"], "N,5,8"),
    call("additive", "AdditiveAttention", ["q", "v"], "N,5,8", params=8),
    call(
        "grouped",
        "GroupedQueryAttention",
        ["dot", "additive", "additive"],
        "N,5,8",
        params=424,
        contains=["query", "key", "value", "attention_output"],
    ),
    outputs="grouped",
)
def attention_layers() -> keras.Model:
    q = keras.Input((5, 8), name="q")
    v = keras.Input((6, 8), name="v")
    dot = layers.Attention(name="dot")([q, v])
    additive = layers.AdditiveAttention(name="additive")([q, v])
    grouped = layers.GroupQueryAttention(4, 4, 2, name="grouped")
    return keras.Model([q, v], grouped(dot, additive, additive))


@case(
    call("x", "InputLayer", [], "N,5,8"),
    call(
        "mha",
        "MultiHeadAttention",
        ["x", "x"],
        ["N,5,8", "N,2,5,5"],
        params=288,
        contains=["query", "key", "value", "attention_output"],
    ),
    outputs={"0": "mha", "1": "mha:1"},
)
def self_attention_with_its_scores() -> keras.Model:
    x = keras.Input((5, 8), name="x")
    mha = layers.MultiHeadAttention(2, 4, name="mha")
    return keras.Model(x, list(mha(x, x, return_attention_scores=True)))


@case(
    call("x", "InputLayer", [], "N,4"),
    call(
        "spectral", "SpectralNormalization", "x", "N,3", params=18, contains=["dense"]
    ),
    outputs="spectral",
)
def spectral_normalization() -> keras.Model:
    x = keras.Input((4,), name="x")
    dense = layers.Dense(3, name="dense")
    return keras.Model(x, layers.SpectralNormalization(dense, name="spectral")(x))


def _adapted() -> layers.Layer:
    norm = layers.Normalization(name="norm")
    norm.adapt(np.arange(12, dtype=np.float32).reshape(3, 4))
    return norm


@case(
    call("x", "InputLayer", [], "N,4"),
    call("scale", "Rescaling", "x", "N,4"),
    call("norm", "Normalization", "scale", "N,4", params=9),
    call("bins", "Discretization", "norm", "N,4:int32"),
    call("out", "Dense", "norm", "N,2", params=10),
    outputs={"0": "bins", "1": "out"},
)
def preprocessing_of_numbers() -> keras.Model:
    x = keras.Input((4,), name="x")
    scaled = layers.Rescaling(0.5, name="scale")(x)
    y = _adapted()(scaled)
    bins = layers.Discretization([0.0, 1.0], name="bins", dtype="int32")(y)
    return keras.Model(x, [bins, layers.Dense(2, name="out")(y)])


@case(
    call("image", "InputLayer", [], "N,8,8,3"),
    call("flip", "RandomFlip", "image", "N,8,8,3"),
    call("crop", "CenterCrop", "flip", "N,6,6,3"),
    call("size", "Resizing", "crop", "N,4,4,3"),
    outputs="size",
)
def preprocessing_of_images() -> keras.Model:
    image = keras.Input((8, 8, 3), name="image")
    y = layers.RandomFlip(name="flip")(image)
    y = layers.CenterCrop(6, 6, name="crop")(y)
    return keras.Model(image, layers.Resizing(4, 4, name="size")(y))


@case(
    call("word", "InputLayer", [], "N,1:string"),
    call("text", "InputLayer", [], "N,1:string"),
    call("lookup", "StringLookup", "word", "N,1:int64"),
    call("vectorize", "TextVectorization", "text", "N,5:int64"),
    call("embed", "Embedding", "vectorize", "N,5,4", params=40),
    outputs={"0": "lookup", "1": "embed"},
    backends=["tensorflow"],
)
def preprocessing_of_text() -> keras.Model:
    word = keras.Input((1,), dtype="string", name="word")
    text = keras.Input((1,), dtype="string", name="text")
    index = layers.StringLookup(vocabulary=["a", "b"], name="lookup")(word)
    vectorize = layers.TextVectorization(
        vocabulary=["a", "b"], output_sequence_length=5, name="vectorize"
    )
    tokens = vectorize(text)
    embedded = layers.Embedding(10, 4, name="embed")(tokens)
    return keras.Model([word, text], [index, embedded])


CASES = (
    recurrent_layers,
    mask_given_by_keyword,
    mask_of_an_embedding,
    recurrent_layer_of_a_cell,
    recurrent_layer_of_stacked_cells,
    convolutional_recurrent_layer,
    recurrent_layer_with_an_initial_state,
    bidirectional,
    time_distributed,
    time_distributed_model,
    attention_layers,
    self_attention_with_its_scores,
    spectral_normalization,
    preprocessing_of_numbers,
    preprocessing_of_images,
    preprocessing_of_text,
)
