package upstream

import (
	"cmp"
	"encoding/base64"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// Lists, page by page, as the providers return them.

// entry is an object in a list, or the place of one that the list does not have, such as one that was deleted.
type entry struct {
	id     string
	object any
	gone   bool
}

// entries returns a list of objects with ids.
func entries(list []object) []entry {
	all := make([]entry, len(list))
	for i, o := range list {
		id, _ := o["id"].(string)
		all[i] = entry{id: id, object: o}
	}
	return all
}

// after returns the entries of a list after the one with an id; all if the id is "".
func after(all []entry, id string) (rest []entry, found bool) {
	if id == "" {
		return all, true
	}
	i := slices.IndexFunc(all, func(e entry) bool { return e.id == id })
	return all[i+1:], i >= 0
}

// first returns up to n entries that are not gone, and whether there are more.
func first(all []entry, n int) (page []entry, more bool) {
	page = slices.DeleteFunc(slices.Clone(all), func(e entry) bool { return e.gone })
	return page[:min(n, len(page))], len(page) > n
}

// newestFirst returns a list in the reverse order.
func newestFirst(all []entry) []entry {
	all = slices.Clone(all)
	slices.Reverse(all)
	return all
}

// pageOf is a page as OpenAI and Anthropic write it.
func pageOf(page []entry, more bool) object {
	data := make([]any, len(page))
	for i, e := range page {
		data[i] = e.object
	}
	p := object{"data": data, "has_more": more, "first_id": nil, "last_id": nil}
	if n := len(page); n > 0 {
		p["first_id"], p["last_id"] = page[0].id, page[n-1].id
	}
	return p
}

// openAIList is how OpenAI pages a list.
type openAIList struct {
	usual, most int    // objects in a page
	order       string // unless the query says otherwise
}

func (l openAIList) page(c *call, all []entry) response {
	query, _ := url.ParseQuery(c.query)
	limit, order := orElse(query.Get("limit"), strconv.Itoa(l.usual)), orElse(query.Get("order"), l.order)
	size, err := strconv.Atoi(limit)
	switch {
	case err != nil:
		return openAIFailure(http.StatusBadRequest, "limit", "invalid_type", "Invalid type for 'limit': expected an integer, but got a string instead.")
	case size < 1:
		return openAIFailure(http.StatusBadRequest, "limit", "integer_below_min_value", "Invalid 'limit': integer below minimum value. Expected a value >= 1, but got %d instead.", size)
	case size > l.most:
		return openAIFailure(http.StatusBadRequest, "limit", "integer_above_max_value", "Invalid 'limit': integer above maximum value. Expected a value <= %d, but got %d instead.", l.most, size)
	case order != "asc" && order != "desc":
		return openAIFailure(http.StatusBadRequest, "order", "invalid_value", "Invalid value: '%s'. Supported values are: 'asc' and 'desc'.", order)
	}
	if order == "desc" {
		all = newestFirst(all)
	}
	rest, found := after(all, query.Get("after"))
	if !found {
		return openAIFailure(http.StatusNotFound, "after", "", "No object found with id '%s'.", query.Get("after")) // assumed
	}
	page := pageOf(first(rest, size))
	page["object"] = "list"
	return jsonResponse(page)
}

// claudePage pages a list as Anthropic does: newest first, before or after an object, and the list of files also by a
// token (the files of anthropic-sdk-go 1.84 have only tokens, those of earlier versions only ids).
func claudePage(c *call, all []entry) response {
	query, _ := url.ParseQuery(c.query)
	const usual, most = 20, 1000
	size, err := strconv.Atoi(orElse(query.Get("limit"), strconv.Itoa(usual)))
	switch {
	case err != nil:
		return c.failure(http.StatusBadRequest, "limit: Input should be a valid integer, unable to parse string as an integer")
	case size < 1:
		return c.failure(http.StatusBadRequest, "limit: Input should be greater than or equal to 1")
	case size > most:
		return c.failure(http.StatusBadRequest, "limit: Input should be less than or equal to 1000")
	}
	const token = "page_"
	before := query.Get("before_id")
	if before == "" {
		all = newestFirst(all)
	}
	rest, found := after(all, cmp.Or(before, query.Get("after_id"), strings.TrimPrefix(query.Get("page"), token)))
	if !found {
		return c.failure(http.StatusBadRequest, "Invalid page cursor") // assumed
	}
	list, more := first(rest, size)
	if before != "" {
		list = newestFirst(list)
	}
	page := pageOf(list, more)
	page["next_page"] = nil
	if more {
		page["next_page"] = token + list[len(list)-1].id
	}
	return jsonResponse(page)
}

// googleList is how Google pages a list, newest first.
type googleList struct {
	field       string
	usual, most int // objects in a page; more are taken for the most
}

func (l googleList) page(c *call, all []entry) response {
	query, _ := url.ParseQuery(c.query)
	size, _ := strconv.Atoi(query.Get("pageSize"))
	if size <= 0 {
		size = l.usual
	}
	name, _ := base64.URLEncoding.DecodeString(query.Get("pageToken"))
	rest, found := after(newestFirst(all), string(name))
	if !found {
		return c.failure(http.StatusBadRequest, "Invalid page token.") // assumed
	}
	list, more := first(rest, min(size, l.most))
	page := object{}
	if len(list) > 0 { // an empty list is omitted
		page[l.field] = pageOf(list, more)["data"]
	}
	if more {
		page["nextPageToken"] = base64.URLEncoding.EncodeToString([]byte(list[len(list)-1].id))
	}
	return jsonResponse(page)
}
