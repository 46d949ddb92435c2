module github.com/lavapayments/lava-go/cmd

go 1.25.0

require github.com/lavapayments/lava-go v0.0.0
