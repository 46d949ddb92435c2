package mockserver

// The limits of the memory for bodies.
const (
	maxCallBodies = 16 << 20 // of all calls
	maxBlock      = 256 << 10
	minBlock      = 512
)

// callBodies keeps the bodies and headers of calls, one after the other in blocks. A block is reused once all its calls are
// forgotten: allocating the bodies of each call was a third of the garbage of a stream, and 7 % of its CPU.
type callBodies struct {
	blocks []*bodyBlock // oldest first
	size   int          // bytes of all blocks
}

// bodyBlock is a piece of memory with bodies in it.
type bodyBlock struct {
	data []byte // the filled part
	last uint64 // the last call with data in it
	read bool   // a copy of a call refers to it, so it can't be reused
}

// bodies returns pointers to the bodies and headers of a call, to move or drop them.
func (c *keptCall) bodies(yield func(*[]byte) bool) {
	if !yield(&c.requestHeader) || !yield(&c.request.data) || !yield(&c.responseHeader) || !yield(&c.response.data) {
		return
	}
	for i := range c.providerCalls {
		if !yield(&c.providerCalls[i].header) || !yield(&c.providerCalls[i].body.data) {
			return
		}
	}
}

// bodySize returns the size of a call's bodies in bytes.
func (c *keptCall) bodySize() (n int) {
	for data := range c.bodies {
		n += len(*data)
	}
	return n
}

// dropBodies forgets the bodies of a call.
func (c *keptCall) dropBodies() {
	for data := range c.bodies {
		*data = nil
	}
}

// room returns a block with room for the given number of bytes of the latest call. Data in it is not moved.
func (cs *calls) room(n int) *bodyBlock {
	b := &cs.bodies
	if k := len(b.blocks); k > 0 && cap(b.blocks[k-1].data)-len(b.blocks[k-1].data) >= n {
		b.blocks[k-1].last = cs.count
		return b.blocks[k-1]
	}
	size := minBlock
	if k := len(b.blocks); k > 0 {
		size = min(2*cap(b.blocks[k-1].data), maxBlock)
	}
	size = max(size, n)
	var next *bodyBlock
	for len(b.blocks) > 0 && next == nil && (b.size+size > maxCallBodies || b.blocks[0].last <= cs.dropped) {
		oldest := b.blocks[0]
		cs.dropUpTo(oldest.last)
		b.blocks = append(b.blocks[:0], b.blocks[1:]...)
		b.size -= cap(oldest.data)
		if !oldest.read && cap(oldest.data) == size {
			next = oldest
			next.data = next.data[:0]
		}
	}
	if next == nil {
		next = &bodyBlock{data: make([]byte, 0, size)}
	}
	next.last = cs.count
	b.blocks = append(b.blocks, next)
	b.size += cap(next.data)
	return next
}

// dropUpTo forgets the bodies of the calls up to a position.
func (cs *calls) dropUpTo(position uint64) {
	for cs.dropped < position {
		cs.ring[cs.dropped%maxCalls].dropBodies()
		cs.dropped++
	}
}

// put copies a body, and returns the copy.
func (b *bodyBlock) put(body []byte) []byte {
	if len(body) == 0 {
		return nil
	}
	begin := len(b.data)
	b.data = append(b.data, body...)
	return b.data[begin:len(b.data):len(b.data)]
}

// keepBodies moves the bodies of the latest call into blocks.
func (cs *calls) keepBodies(c *keptCall) {
	n := c.bodySize()
	if n == 0 || n > maxCallBodies {
		c.dropBodies()
		return
	}
	block := cs.room(n)
	for data := range c.bodies {
		*data = block.put(*data)
	}
}

// pin keeps the bodies of the calls from a position on unchanged, for a caller that gets copies of these calls.
func (cs *calls) pin(position uint64) {
	for _, b := range cs.bodies.blocks {
		if b.last >= position {
			b.read = true
		}
	}
}
