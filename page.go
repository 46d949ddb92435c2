package lava

import (
	"context"
	"encoding/json"
	"errors"
	"iter"
	"maps"
	"net/url"
	"slices"
	"strconv"
)

// pageQuery returns the query that selects a page of a list.
func pageQuery(cursor string, limit int) url.Values {
	q := make(url.Values)
	setQuery(q, "cursor", cursor)
	if limit != 0 {
		q.Set("limit", strconv.Itoa(limit))
	}
	return q
}

func setQuery(q url.Values, name, value string) {
	if value != "" {
		q.Set(name, value)
	}
}

// setMetadataFilters encodes filters as the API expects them: a JSON array of pairs, in a stable order.
func setMetadataFilters(q url.Values, filters map[string]string) error {
	if len(filters) == 0 {
		return nil
	}
	pairs := make([][2]string, 0, len(filters))
	for _, key := range slices.Sorted(maps.Keys(filters)) {
		pairs = append(pairs, [2]string{key, filters[key]})
	}
	text, err := json.Marshal(pairs)
	q.Set("metadata_filters", string(text))
	return err
}

// Page is one page of a list, the newest items first.
type Page[T any] struct {
	Data       []T    `json:"data"`
	HasMore    bool   `json:"has_more"`
	NextCursor string `json:"next_cursor"` // "" on the last page
}

func list[T any](ctx context.Context, c *Client, collection string, query url.Values) (*Page[T], error) {
	return get[Page[T]](ctx, c, at(collection), query)
}

// listWhole returns a list without pages.
func listWhole[T any](ctx context.Context, c *Client, collection string, query url.Values) ([]T, error) {
	whole, err := get[Page[T]](ctx, c, at(collection), query)
	if err != nil {
		return nil, err
	}
	return whole.Data, nil
}

var errNoCursor = errors.New("lava: the list has more items, but no cursor for the next page")

// all iterates over the items of all pages. A page without items does not end
// the iteration. An error does, after it is yielded.
func all[T any](cursor string, page func(cursor string) (*Page[T], error)) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for cursor := cursor; ; {
			p, err := page(cursor)
			if err == nil && p.HasMore && (p.NextCursor == "" || p.NextCursor == cursor) {
				err = errNoCursor
			}
			if p != nil {
				for _, item := range p.Data {
					if !yield(item, nil) {
						return
					}
				}
			}
			if err != nil {
				var none T
				yield(none, err)
				return
			}
			if !p.HasMore {
				return
			}
			cursor = p.NextCursor
		}
	}
}
