module stowage.dev/testing/effective-uid

go 1.26.0
