package mockserver

import (
	"fmt"
	"slices"
	"strings"

	"github.com/lavapayments/lava-go/internal/spelling"
)

// Endpoint names an endpoint of Lava, such as "meters.create" or "gateway.forward":
// the resource as the path spells it, and the action. The pages that people open in
// their browsers are endpoints too. [Endpoints] returns all of them.
type Endpoint string

// Endpoints returns the names of all endpoints in alphabetical order.
func Endpoints() []Endpoint {
	var all []Endpoint
	for _, at := range routes {
		for _, rt := range at {
			all = append(all, rt.name)
		}
	}
	for _, rt := range gatewayRoutes {
		all = append(all, rt.name)
	}
	for _, rt := range pageRoutes {
		all = append(all, rt.name)
	}
	slices.Sort(all)
	return all
}

// isGateway reports whether an endpoint forwards to providers.
func (e Endpoint) isGateway() bool { return strings.HasPrefix(string(e), "gateway.") }

// check rejects an endpoint that does not exist.
func (e Endpoint) check() error {
	all := Endpoints()
	if slices.Contains(all, e) {
		return nil
	}
	return fmt.Errorf("there is no endpoint %.60q%s", string(e), spelling.Suggest(e, all))
}
