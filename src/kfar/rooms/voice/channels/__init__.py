"""Where customers talk beside our pages and mail: forums, networks, texts, systems that tell us.

`hearing` takes in what is said there, `commands` what there is to listen to.
"""
