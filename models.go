package lava

import "context"

// ModelsService lists the models of the gateway.
type ModelsService service

// List returns all models that the key may use, in OpenAI's list format.
//
//lava:operation GET /models
func (s *ModelsService) List(ctx context.Context) (*ModelList, error) {
	return get[ModelList](ctx, s.client, at("models"), nil)
}

// ModelList is a list of models.
type ModelList struct {
	Object string  `json:"object"` // "list"
	Data   []Model `json:"data"`
}

// Model is a model of a provider.
type Model struct {
	ID      string `json:"id"`
	Object  string `json:"object"`  // "model"
	Created int64  `json:"created"` // Unix seconds
	OwnedBy string `json:"owned_by"`
}
