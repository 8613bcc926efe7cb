"""The API: what programs ask, in JSON, under `/api/v1/`. Described in docs/reference/api.md."""
