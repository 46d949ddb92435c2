module example.com/langchaingo

go 1.25.0

replace github.com/lavapayments/lava-go => ../..

require (
	github.com/lavapayments/lava-go v0.0.0
	github.com/tmc/langchaingo v0.1.14
)

require (
	github.com/dlclark/regexp2 v1.10.0 // indirect
	github.com/google/uuid v1.6.0 // indirect
	github.com/pkoukk/tiktoken-go v0.1.6 // indirect
	github.com/shopspring/decimal v1.6.0 // indirect
)
