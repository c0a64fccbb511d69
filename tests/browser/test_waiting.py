"""The harness's own promise, on which every browser test with a kernel stands."""

from harness import animation_frames

CELL = """from cnnlib.widgets import LogitsExplorer
explorer = LogitsExplorer()
explorer.observe(lambda change: sum(range(10**7)), "logits")  # a kernel that takes its time to hear of a change
explorer"""
PENDING = """async () => {
    const { rendermime } = window.jupyterapp.shell.currentWidget.content;
    const renderer = rendermime.createRenderer("application/vnd.jupyter.widget-view+json");
    const models = await Promise.all(Object.values((await renderer._manager.promise)._models));
    renderer.dispose();
    return models.filter((model) => model._pending_msgs || model._msg_buffer).length;
}"""


def test_await_idle_returns_when_the_kernel_has_heard_of_every_change(open_notebook):
    notebook = open_notebook("waiting.ipynb", CELL)
    notebook.run_all()
    page = notebook.page
    page.locator("[data-chart=probabilities]").focus()
    for _ in range(3):
        page.keyboard.press("ArrowRight")
        animation_frames(page)
    assert page.evaluate(PENDING) > 0, "the kernel was too quick for this test"
    notebook.await_idle()
    assert page.evaluate(PENDING) == 0
    assert notebook.complaints() == []
