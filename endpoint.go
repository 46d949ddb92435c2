package lava

import (
	"fmt"
	"net/url"
	"strings"
)

// endpoint is a path below the base URL: a collection, an item of it, or
// something of the item.
type endpoint struct {
	collection string // "customers", escaped
	param      string // the name of the id's parameter; "" if there is no item
	id         string
	tail       string // "/subscription"
}

func at(collection string) endpoint { return endpoint{collection: collection} }

func item(collection, param, id string) endpoint {
	return endpoint{collection: collection, param: param, id: id}
}

func (e endpoint) of(tail string) endpoint {
	e.tail = tail
	return e
}

// check refuses ids that would address another endpoint.
func (e endpoint) check() error {
	if e.param == "" {
		return nil
	}
	switch e.id {
	case "":
		return fmt.Errorf("lava: %s must not be empty", e.param)
	case ".", "..":
		return fmt.Errorf("lava: %s must not be %q", e.param, e.id)
	}
	return nil
}

// path returns the escaped path below base.
func (e endpoint) path(base string) string {
	if e.param == "" {
		return base + e.collection
	}
	return base + e.collection + "/" + url.PathEscape(e.id) + e.tail
}

// parsePath reads the path of [Client.Do].
func parsePath(path string) (endpoint, url.Values, error) {
	u, err := url.Parse(path)
	if err != nil {
		return endpoint{}, nil, fmt.Errorf("lava: path %q is malformed", Redact(path))
	}
	if u.Scheme != "" || u.Host != "" || u.Path == "" || strings.HasPrefix(u.Path, "/") || u.Fragment != "" {
		return endpoint{}, nil, fmt.Errorf("lava: path %q must be relative to the base URL, such as \"meters\"", Redact(path))
	}
	for segment := range strings.SplitSeq(u.Path, "/") {
		if segment == "." || segment == ".." || segment == "" {
			return endpoint{}, nil, fmt.Errorf("lava: path %q must have no empty, . or .. segment", Redact(path))
		}
	}
	return endpoint{collection: u.EscapedPath()}, u.Query(), nil
}

// address returns the URL of an endpoint. It does not parse what it knows.
func (c *Client) address(at endpoint, query url.Values) url.URL {
	u := *c.base
	u.Path = at.path(u.EscapedPath())
	if plain, err := url.PathUnescape(u.Path); err == nil && plain != u.Path {
		u.Path, u.RawPath = plain, u.Path
	}
	u.RawQuery = query.Encode()
	return u
}
