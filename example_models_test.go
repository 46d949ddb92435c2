package lava_test

import (
	"context"
	"fmt"
	"log"
)

func ExampleModelsService_List() {
	ctx := context.Background()
	client, mock := startMock() // instead of lava.New()
	defer mock.stop()

	models, err := client.Models.List(ctx)
	if err != nil {
		log.Fatal(err)
	}
	for _, model := range models {
		if model.ID == "gpt-4o-mini" {
			fmt.Println(model.ID, "by", model.OwnedBy)
		}
	}
	// Output: gpt-4o-mini by openai
}
