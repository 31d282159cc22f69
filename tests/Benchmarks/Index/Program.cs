// The index of Search as a program, and PostgreSQL beside it, on what gen_catalog.py makes:
//   convert <records> <feed>                    writes the records as states of Catalog's feed, one after the other
//   build <feed> <folder>                       builds an index of them; prints seconds
//   ask <folder> <queries> <n>                  opens it, asks all queries n times after two rounds unmeasured, and prints what that took: of each kind its median and 99th percentile
//   change <feed> <folder> <queries> <n>        asks as `ask` does, and again while 500 repositories change a second
//   serve <data> <queries> <n>                  asks the service on that folder over gRPC, 16 clients at once
//   postgres load <records> <connection>        puts the records into a table with indexes; prints seconds and bytes
//   postgres ask <connection> <queries> <n>     asks it the same
using System.Globalization;
using ModelGarden.Benchmarks.Index;

await (args switch
{
    ["convert", var records, var feed] => FeedFile.WriteAsync(records, feed),
    ["build", var feed, var folder] => IndexRun.BuildAsync(feed, folder),
    ["ask", var folder, var queries, var rounds] => IndexRun.AskAsync(folder, queries, Number(rounds)),
    ["change", var feed, var folder, var queries, var rounds] => IndexRun.ChangeAsync(feed, folder, queries, Number(rounds)),
    ["serve", var data, var queries, var rounds] => ServedRun.AskAsync(data, queries, Number(rounds)),
    ["postgres", "load", var records, var connection] => PostgresRun.LoadAsync(records, connection),
    ["postgres", "ask", var connection, var queries, var rounds] => PostgresRun.AskAsync(connection, queries, Number(rounds)),
    _ => throw new ArgumentException("none of convert, build, ask, change, serve and postgres with what they need"),
});

static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
