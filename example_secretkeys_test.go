package lava_test

import (
	"context"
	"fmt"
	"log"

	"github.com/lavapayments/lava-go"
)

// A new key takes the place of the old ones. It is shown once, and printing the
// answer by accident does not show it.
func ExampleSecretKeysService_Create() {
	ctx := context.Background()
	client, mock := startMock() // instead of lava.New()
	defer mock.stop()

	created, err := client.SecretKeys.Create(ctx, lava.CreateSecretKeyParams{Name: "2026"})
	if err != nil {
		log.Fatal(err)
	}
	// Store created.Key now. It works at once; then the others can go.
	for key, err := range client.SecretKeys.All(ctx, lava.ListSecretKeysParams{}) {
		if err != nil {
			log.Fatal(err)
		}
		if key.SecretKeyID == created.SecretKeyID {
			continue
		}
		if err := client.SecretKeys.Delete(ctx, key.SecretKeyID); err != nil {
			log.Fatal(err)
		}
		fmt.Println("deleted", key.Name)
	}
	fmt.Println(created.Name, fmt.Sprint(created) != created.Key)
	// Output:
	// deleted Default
	// 2026 true
}
