// Files are dropped, listed, and held against the limits before they are sent. Without this the form works as it is.
document.documentElement.classList.add("scripted");

const form = document.querySelector("form.upload");

function megabytes(size) {
  return `${(size / 1_000_000).toFixed(size < 100_000 ? 3 : 1)} MB`;
}

function problemOf(file, limits) {
  const name = file.name.toLowerCase();
  if (!limits.suffixes.some((suffix) => name.endsWith(suffix))) return "不能导入这种文件";
  if (file.size === 0) return "文件是空的";
  if (name.endsWith(".txt") && file.size > limits.text) return `文本文件最大 ${megabytes(limits.text)}`;
  return "";
}

function show(files, limits) {
  const list = form.querySelector(".picked");
  const together = files.reduce((sum, file) => sum + file.size, 0);
  const lines = files.slice(0, 50).map((file) => {
    const problem = problemOf(file, limits);
    const line = document.createElement("li");
    line.textContent = `${file.name}　${problem || megabytes(file.size)}`;
    line.className = problem ? "problem" : "";
    return line;
  });
  if (files.length > 50) {
    const line = document.createElement("li");
    line.textContent = `…… 共 ${files.length} 份，${megabytes(together)}`;
    lines.push(line);
  }
  let refusal = "";
  // What the form itself adds to a request is small.
  if (together + 500 * files.length > limits.bytes) refusal = `合计 ${megabytes(together)}，超过 ${megabytes(limits.bytes)}，请分几批`;
  if (files.length > limits.files) refusal = `${files.length} 份文件，超过 ${limits.files} 份，请分几批`;
  if (refusal) {
    const line = document.createElement("li");
    line.textContent = refusal;
    line.className = "problem";
    lines.unshift(line);
  }
  list.replaceChildren(...lines);
  form.querySelector("[type=submit]").disabled = Boolean(refusal) || files.length === 0;
}

if (form) {
  const given = form.dataset;
  const limits = {
    bytes: Number(given.mostBytes),
    files: Number(given.mostFiles),
    text: Number(given.textBytes),
    suffixes: given.suffixes.split(","),
  };
  const inputs = [...form.querySelectorAll("[type=file]")];
  const shown = () => show(inputs.flatMap((input) => [...input.files]), limits);
  for (const input of inputs) input.addEventListener("change", shown);

  const drop = form.querySelector(".drop");
  drop.addEventListener("dragover", (event) => {
    event.preventDefault();
    drop.classList.add("over");
  });
  drop.addEventListener("dragleave", () => drop.classList.remove("over"));
  drop.addEventListener("drop", (event) => {
    event.preventDefault();
    drop.classList.remove("over");
    // Those that are chosen already stay.
    const all = new DataTransfer();
    for (const file of [...inputs[0].files, ...event.dataTransfer.files]) all.items.add(file);
    inputs[0].files = all.files;
    shown();
  });
}
