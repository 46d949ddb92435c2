package mockserver

import (
	"sync"
	"time"
)

// alarm wakes a server with a running clock when something falls due. Waiting takes no goroutine.
type alarm struct {
	mu     sync.Mutex // taken before any other lock
	timer  *time.Timer
	closed bool
}

// setAlarm sets the alarm to the next due time. Call it after anything that may have moved that forward.
func (s *Server) setAlarm() {
	if s.clock.frozen {
		return
	}
	a := &s.alarm
	a.mu.Lock()
	defer a.mu.Unlock()
	next, ok := s.nextDue()
	if !ok || a.closed {
		return
	}
	wait := next.Sub(s.Now())
	if a.timer == nil {
		a.timer = time.AfterFunc(wait, s.wake)
	} else {
		a.timer.Reset(wait)
	}
}

// wake carries out what has fallen due.
func (s *Server) wake() {
	s.tick()
	s.deliverDue()
	s.setAlarm()
}

func (a *alarm) close() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.closed = true
	if a.timer != nil {
		a.timer.Stop()
	}
}
