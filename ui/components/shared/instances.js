/**
 * One living object per place on the page.
 *
 * Streamlit calls a component's function again at every rerun, with the same element and new data. What is made at the first
 * call stays (a video goes on playing, an undo history is kept); later calls only hand it the new data.
 *
 * @param create (root, report) -> {update(data), close()}; `report` always reaches the newest call.
 */
export function instances(create) {
  const living = new WeakMap();
  return (component) => {
    const root = component.parentElement;
    let one = living.get(root);
    if (!one || !one.body.isConnected) {
      one?.thing.close();
      one = { component, body: root.querySelector("[data-body]") };
      const report = {
        state: (name, value) => one.component.setStateValue(name, value),
        event: (name, value) => one.component.setTriggerValue(name, value),
      };
      one.thing = create(one.body, report);
      living.set(root, one);
    }
    one.component = component;
    one.thing.update(component.data);
    return () => {
      if (one.body.isConnected) return; // an update, not the end
      one.thing.close();
      living.delete(root);
    };
  };
}
