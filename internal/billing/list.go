package billing

import (
	"cmp"
	"slices"
	"sort"
)

// list keeps objects in the order of their creation, and finds them by id.
type list[T interface{ object() *Object }] struct {
	items []T
	byID  map[string]T // nil while there are few: three maps of one object each were 1 KB of an idle server
}

// fewItems is the number of items up to which a list is searched without a map.
const fewItems = 8

func (l *list[T]) add(v T) {
	l.items = append(l.items, v)
	switch {
	case l.byID != nil:
		l.byID[v.object().ID] = v
	case len(l.items) > fewItems:
		l.byID = make(map[string]T, 2*fewItems)
		for _, item := range l.items {
			l.byID[item.object().ID] = item
		}
	}
}

func (l *list[T]) get(id string) (T, bool) {
	if l.byID != nil {
		v, ok := l.byID[id]
		return v, ok
	}
	for _, v := range l.items {
		if v.object().ID == id {
			return v, true
		}
	}
	var none T
	return none, false
}

func (l *list[T]) remove(v T) {
	if i, ok := slices.BinarySearchFunc(l.items, v.object().Seq, bySeq[T]); ok {
		l.items = slices.Delete(l.items, i, i+1)
	}
	delete(l.byID, v.object().ID)
}

// removeFunc removes the items for which gone returns true, in the order of creation.
func (l *list[T]) removeFunc(gone func(T) bool) {
	l.items = slices.DeleteFunc(l.items, func(v T) bool {
		if !gone(v) {
			return false
		}
		delete(l.byID, v.object().ID)
		return true
	})
}

func bySeq[T interface{ object() *Object }](v T, seq uint64) int {
	return cmp.Compare(v.object().Seq, seq)
}

// PageParams selects a part of a list, newest first.
type PageParams struct {
	Before uint64 // only items created before the one with this Seq; 0 starts at the newest
	Limit  int    // the most items to return; 0 is 10
}

// Page is a part of a list, newest first.
type Page[T any] struct {
	Items []T
	Next  uint64 // PageParams.Before of the next page; 0 on the last page
}

// pageOf returns the page of items, in ascending order of seq, that params selects. Items for which keep returns
// false are skipped; keep may be nil.
func pageOf[T, V any](items []T, params PageParams, seq func(T) uint64, keep func(T) bool, view func(T) V) Page[V] {
	return pageOfMany(len(items), func(i int) T { return items[i] }, params, seq, keep, view)
}

// pageOfMany is pageOf for n items that are not in a slice.
func pageOfMany[T, V any](n int, item func(int) T, params PageParams, seq func(T) uint64, keep func(T) bool, view func(T) V) Page[V] {
	limit, i := cmp.Or(params.Limit, 10), n
	if params.Before != 0 {
		i = sort.Search(n, func(i int) bool { return seq(item(i)) >= params.Before })
	}
	page := Page[V]{Items: make([]V, 0, min(limit, i))}
	var last uint64
	for i--; i >= 0; i-- {
		v := item(i)
		if keep != nil && !keep(v) {
			continue
		}
		if len(page.Items) == limit {
			page.Next = last
			break
		}
		page.Items = append(page.Items, view(v))
		last = seq(v)
	}
	return page
}

func (l *list[T]) seq(v T) uint64 { return v.object().Seq }
