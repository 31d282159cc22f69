// The store of Artifacts as a program, for comparison with others:
//   ingest <data> <files…>            stores files as an upload does
//   restore <data> <folder>           writes all of them out again
//   warm <data> <files…>              both, seven times anew in one process, as in a service that runs; prints seconds and processor seconds of each
//   add <data> <xorbs> <seconds>      adds one made-up file of so many xorbs, and prints the longest transaction then, and in the seconds after that
//   serve <data> <port>               listens; on standard input `up <file>` and `down <file>` ask for URLs to send a file to and to get it from, `token` for what requests are to have as bearer
// Digests come from <file>.sha256, as clients announce them.
using System.Globalization;
using ModelGarden.Benchmarks.Store;

await (args switch
{
    ["ingest", var data, .. var files] => OnAsync(data, "", store => store.IngestAsync(files)),
    ["restore", var data, var folder] => OnAsync(data, "", store => store.RestoreAsync(folder)),
    ["warm", var data, .. var files] => WarmAsync(data, files),
    ["add", var data, var xorbs, var seconds] =>
        OnAsync(data, "", store => store.AddAsync(int.Parse(xorbs, CultureInfo.InvariantCulture), TimeSpan.FromSeconds(int.Parse(seconds, CultureInfo.InvariantCulture)))),
    ["serve", var data, var port] => OnAsync(data, $"http://127.0.0.1:{port}", store => store.AnswerAsync(Console.In, Console.Out)),
    _ => throw new ArgumentException("none of ingest, restore, warm, add and serve with what they need"),
});

static async Task OnAsync(string data, string address, Func<StoreApp, Task> work)
{
    await using var store = await StoreApp.StartAsync(data, address);
    await work(store);
}

static async Task WarmAsync(string data, string[] files)
{
    const int Rounds = 7;
    for (var round = 1; round <= Rounds; round++)
    {
        // Each time another, for the database's connections are pooled by its path.
        var folder = Path.Combine(data, $"{round}");
        await OnAsync(folder, "", async store =>
        {
            var ingested = await Timing.OfAsync(() => store.IngestAsync(files));
            var restored = await Timing.OfAsync(() => store.RestoreAsync(Directory.CreateDirectory(Path.Combine(data, "out")).FullName));
            Console.WriteLine($"{ingested} {restored}");
        });
        Directory.Delete(Path.Combine(data, "out"), recursive: true);
        if (round < Rounds)
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
