package tools

import (
	"fmt"
	"strings"

	"github.com/lavapayments/lava-go"
)

// listArgs select a page of a list.
type listArgs struct {
	Cursor string `json:"cursor,omitzero" jsonschema:"next_cursor of the page before; leave it out for the first page"`
	Limit  int    `json:"limit,omitzero" jsonschema:"items on the page, 1 to 100; by default 10"`
}

// listResult is a page of a list, newest items first.
type listResult[T any] struct {
	Items      []T    `json:"items" jsonschema:"the newest first"`
	NextCursor string `json:"next_cursor,omitzero" jsonschema:"there are more: pass this as cursor"`
}

// encodeList converts a page to a result, with a line for each item.
func encodeList[T, Out any](page *lava.Page[T], err error, encode func(T) Out, line func(Out) string) (listResult[Out], string, error) {
	if err != nil {
		return listResult[Out]{}, "", err
	}
	out := listResult[Out]{Items: make([]Out, 0, len(page.Data))}
	if page.HasMore {
		out.NextCursor = page.NextCursor
	}
	var text strings.Builder
	for _, item := range page.Data {
		entry := encode(item)
		out.Items = append(out.Items, entry)
		fmt.Fprintln(&text, line(entry))
	}
	switch {
	case len(out.Items) == 0:
		text.WriteString("There are none.")
	case page.HasMore:
		fmt.Fprintf(&text, "There are more. To read them, pass the cursor %s", page.NextCursor)
	}
	return out, text.String(), nil
}
