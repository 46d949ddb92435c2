package upstream

import (
	"net/url"
	"sync"
)

// What is stored stays until it is deleted or expires, or until all owners together have created more than this number
// of objects or exceed this number of bytes.
const (
	mostStored      = 1000
	mostStoredBytes = 64 << 20
)

// Owner is whose objects a request stores and finds. It finds nothing of other owners.
type Owner struct {
	ID    string
	Epoch uint64 // changes when the owner starts again with nothing
}

// stored keeps what requests create and others read back: responses, files, batches.
type stored struct {
	mu    sync.Mutex
	kept  map[storedKey]kept
	order []storedKey // oldest first
	bytes int
}

type storedKey struct {
	owner    Owner
	provider string
	id       string
}

// kept is a stored object. The place of one that was deleted is kept without it: clients delete objects while they read
// a list page by page.
type kept struct {
	object  any
	bytes   int   // about its size
	expires int64 // in Unix seconds; 0: never
}

// Forget removes what is stored for the owners that gone reports. Requests in progress may still store something for them.
func (f *Fake) Forget(gone func(Owner) bool) {
	s := &f.stored
	s.mu.Lock()
	defer s.mu.Unlock()
	order := s.order[:0]
	for _, key := range s.order {
		if gone(key.owner) {
			s.drop(key)
		} else {
			order = append(order, key)
		}
	}
	clear(s.order[len(order):])
	s.order = order
}

// drop removes an object from the map.
func (s *stored) drop(key storedKey) {
	s.bytes -= s.kept[key].bytes
	delete(s.kept, key)
}

func (c *call) storedKey(id string) storedKey { return storedKey{c.owner, c.providerID(), id} }

// store keeps an object, in the place of the one that has its id.
func (c *call) store(id string, k kept) {
	s, key := c.stored, c.storedKey(id)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.kept == nil {
		s.kept = map[storedKey]kept{}
	}
	old, found := s.kept[key]
	if !found {
		s.order = append(s.order, key)
	}
	s.kept[key] = k
	s.bytes += k.bytes - old.bytes
	for len(s.order) > mostStored || s.bytes > mostStoredBytes && len(s.order) > 1 {
		s.drop(s.order[0])
		s.order = s.order[1:]
	}
}

// change replaces an object with one of about the same size.
func (c *call) change(id string, object any, expires int64) {
	c.stored.mu.Lock()
	defer c.stored.mu.Unlock()
	if k := c.stored.kept[c.storedKey(id)]; k.object != nil {
		c.stored.kept[c.storedKey(id)] = kept{object, k.bytes, expires}
	}
}

func (c *call) remove(id string) { c.store(id, kept{}) }

// recall returns an object of a type.
func recall[T any](c *call, id string) (T, bool) {
	now := c.created() // before the lock: the clock has its own
	c.stored.mu.Lock()
	defer c.stored.mu.Unlock()
	return as[T](c.stored.kept[c.storedKey(id)], now)
}

// as returns what is kept if it is of a type and has not expired.
func as[T any](k kept, now int64) (object T, ok bool) {
	if k.expires != 0 && k.expires <= now {
		return object, false
	}
	object, ok = k.object.(T)
	return object, ok
}

// storable is a stored object. shown returns what the provider says about it; it is called without a lock.
type storable interface{ shown(c *call) any }

// collection is a kind of stored objects at a provider, and the requests that all kinds have in common.
type collection[T storable] struct {
	folder  string // of their names; "" if they have only ids
	missing func(*call) response
	deleted func(*call) object                    // the response to a deletion
	listed  func(object T, query url.Values) bool // reports whether a list with a query has an object; nil: always
	page    func(c *call, all []entry) response   // a page of the list, given oldest first
}

// found returns the response to requests about an object that the path names.
func (col collection[T]) found(then func(*call, T) response) func(*call, Reply) response {
	return func(c *call, _ Reply) response {
		object, ok := recall[T](c, col.folder+c.resource)
		if !ok {
			return col.missing(c)
		}
		return then(c, object)
	}
}

func (col collection[T]) retrieve(c *call, r Reply) response {
	return col.found(func(c *call, object T) response { return jsonResponse(object.shown(c)) })(c, r)
}

func (col collection[T]) remove(c *call, r Reply) response {
	return col.found(func(c *call, _ T) response {
		c.remove(col.folder + c.resource)
		return jsonResponse(col.deleted(c))
	})(c, r)
}

func (col collection[T]) list(c *call, _ Reply) response {
	query, _ := url.ParseQuery(c.query)
	var all []entry
	var objects []T
	now := c.created()
	c.stored.mu.Lock()
	for _, key := range c.stored.order {
		if key.owner != c.owner || key.provider != c.providerID() {
			continue
		}
		object, ok := as[T](c.stored.kept[key], now)
		ok = ok && (col.listed == nil || col.listed(object, query))
		all, objects = append(all, entry{id: key.id, gone: !ok}), append(objects, object)
	}
	c.stored.mu.Unlock()
	for i := range all {
		if !all[i].gone {
			all[i].object = objects[i].shown(c)
		}
	}
	return col.page(c, all)
}
