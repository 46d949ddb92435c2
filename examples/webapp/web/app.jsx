// The page of the example. "npm run build" builds ../static/app.js from it.
import { useEffect, useState } from "react";
import { createRoot } from "react-dom/client";
import { useLavaCheckout } from "@lavapayments/checkout";

async function api(method, path, body) {
  const response = await fetch(`/api/${path}`, { method, body: body && JSON.stringify(body) });
  const result = await response.json();
  if (!response.ok) throw new Error(result.error);
  return result;
}

function App() {
  const [plans, setPlans] = useState([]);
  const [account, setAccount] = useState(null);
  const [messages, setMessages] = useState([]);
  const [problem, setProblem] = useState("");
  const [busy, setBusy] = useState(false);

  // attempt runs something that may fail, and shows why if it does.
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
    attempt(async () => {
      setAccount(await api("GET", "account"));
      setPlans(await api("GET", "plans"));
    });
    // Show what Lava's webhooks have changed in the meantime.
    const look = () => document.visibilityState === "visible" && attempt(async () => setAccount(await api("GET", "account")));
    document.addEventListener("visibilitychange", look);
    return () => document.removeEventListener("visibilitychange", look);
  }, []);

  const checkout = useLavaCheckout({
    // The server knows whose checkout it was: it trusts nothing from this page.
    onSuccess: () => attempt(async () => setAccount(await api("POST", "refresh"))),
    onCancel: () => setProblem("You have cancelled the checkout. Nothing was charged."),
    onError: ({ error }) => setProblem(`The checkout did not open: ${error}`),
  });

  const buy = (what) => attempt(async () => checkout.open((await api("POST", "checkout", what)).token));
  // No call undoes a cancellation, so ask first.
  const cancel = () => confirm("Cancel at the end of the paid period? You can't undo this.") &&
    attempt(async () => setAccount(await api("POST", "cancel")));

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

  const bundles = plans.find((plan) => plan.plan_id === account?.plan_id)?.bundles ?? [];

  if (!account) return <main><p>{problem || "Loading"}</p></main>;
  return (
    <main>
      <header>
        <h1>Chat</h1>
        <p className="credits" role="status">{account.plan}: ${account.credits} of credit left</p>
      </header>
      {messages.map((m, i) => <p key={i} className={`message ${m.from}`}>{m.text}</p>)}
      {(account.paid || account.credits > 0) && (
        <form onSubmit={send}>
          <input name="message" aria-label="Message" placeholder="Ask anything" autoComplete="off" required />
          <button disabled={busy}>Send</button>
        </form>
      )}
      {problem && <p className="error" role="alert">{problem}</p>}
      {bundles.map((bundle) => (
        <p key={bundle.credit_bundle_id}>
          <button className="quiet" onClick={() => buy({ credit_bundle_id: bundle.credit_bundle_id })} disabled={busy}>
            Buy ${bundle.credit} of credit for ${bundle.price}
          </button>
        </p>
      ))}
      <section className="plans" aria-label="Plans">
        {plans.map((plan) => (
          <div className="plan" key={plan.plan_id}>
            <h2>{plan.name}</h2>
            <p>${plan.price} per {plan.per}, with ${plan.credit} of credit</p>
            {plan.plan_id === account.plan_id
              ? <p className="current">Your plan</p>
              : <button onClick={() => buy({ plan_id: plan.plan_id })} disabled={busy}>Choose {plan.name}</button>}
          </div>
        ))}
      </section>
      {account.next && <p role="status">Your plan changes to {account.next} on {account.on}.</p>}
      {account.paid && account.next !== "Free" && <p><button className="quiet" onClick={cancel} disabled={busy}>Cancel the plan</button></p>}
    </main>
  );
}

createRoot(document.getElementById("root")).render(<App />);
