"""The comparison of training speed with other frameworks: what `fastcnn bench` runs.

`programs` are the models, `contestants` the frameworks; `compare` trains every model by every contestant, each in a
process of its own (`process`), whose code is `worker` and its siblings. The workers run in the Pythons of the other
frameworks, which have no fastcnn: they are started by their file's path and import each other as plain modules.
"""
