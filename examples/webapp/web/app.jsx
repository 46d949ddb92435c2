// The page of the example. "npm run build" makes ../static/app.js of it.
import { useEffect, useState } from "react";
import { createRoot } from "react-dom/client";
import { useLavaCheckout } from "@lavapayments/checkout";

async function api(method, path, body) {
  const response = await fetch(`/api/${path}`, { method, body: body && JSON.stringify(body) });
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.error);
  return answer;
}

function App() {
  const [account, setAccount] = useState(null);
  const [messages, setMessages] = useState([]);
  const [problem, setProblem] = useState("");
  const [busy, setBusy] = useState(false);

  // attempt runs something that may fail, and says so if it does.
  async function attempt(action) {
    setProblem("");
    setBusy(true);
    try {
      await action();
    } catch (error) {
      setProblem(error.message);
    } finally {
      setBusy(false);
    }
  }

  useEffect(() => {
    attempt(async () => setAccount(await api("GET", "account")));
  }, []);

  const checkout = useLavaCheckout({
    // Version 0.1.3 of the hook hands over the customer's id as connectionId. The
    // customerId of Lava's tutorial is undefined here.
    onSuccess: ({ connectionId }) => attempt(async () => setAccount(await api("POST", "customer", { customer_id: connectionId }))),
    onCancel: () => setProblem("You have cancelled the checkout. Nothing was charged."),
    onError: ({ error }) => setProblem(`The checkout did not open: ${error}`),
  });

  const subscribe = () => attempt(async () => checkout.open((await api("POST", "checkout")).token));

  const send = (event) => {
    event.preventDefault();
    const form = event.currentTarget;
    const message = new FormData(form).get("message");
    attempt(async () => {
      const { reply, ...after } = await api("POST", "chat", { message });
      form.reset();
      setAccount(after);
      setMessages((before) => [...before, { from: "user", text: message }, { from: "model", text: reply }]);
    });
  };

  if (!account) return <main><p>{problem || "Loading"}</p></main>;
  return (
    <main>
      <header>
        <h1>Chat</h1>
        {account.plan && <p className="credits" role="status">{account.plan}: ${account.credits} of credit left</p>}
      </header>
      {!account.plan && (
        <section className="plan">
          <div>
            <h2>Pro Plan</h2>
            <p>$49.00 per month, with $25.00 of credit</p>
          </div>
          <button onClick={subscribe} disabled={busy}>Subscribe</button>
        </section>
      )}
      {messages.map((m, i) => <p key={i} className={`message ${m.from}`}>{m.text}</p>)}
      {account.plan && (
        <form onSubmit={send}>
          <input name="message" aria-label="Message" placeholder="Ask anything" autoComplete="off" required />
          <button disabled={busy}>Send</button>
        </form>
      )}
      {problem && <p className="error" role="alert">{problem}</p>}
    </main>
  );
}

createRoot(document.getElementById("root")).render(<App />);
