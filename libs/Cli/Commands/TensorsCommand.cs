using System.CommandLine;
using System.Text.Json.Nodes;
using ModelGarden.Cli.Garden;
using ModelGarden.Cli.Output;
using ModelGarden.Contracts.V1;

namespace ModelGarden.Cli.Commands;

/// <summary><c>garden models tensors</c>: what a file of weights holds.</summary>
internal static class TensorsCommand
{
    private const int LargestPage = 1000;

    // As many as the garden lists.
    private const int MostTensors = 65_536;

    public static Command Build(App app)
    {
        var model = Parsed.Model();
        var file = new Argument<string>("FILE") { Description = "A safetensors, GGUF or ONNX file or a torch checkpoint of the model, such as model.safetensors" };
        return app.Handle(
            new("tensors", "The tensors of one of a model's files: names, types, shapes") { model, file },
            async (session, parsed, cancellationToken) => Show(session, await ListAsync(session.Garden, parsed.GetValue(model), parsed.GetValue(file)!, cancellationToken)));
    }

    private static Task<ListTensorsResponse> ListAsync(GardenClient garden, ModelReference model, string file, CancellationToken cancellationToken) => Pages.ReadAsync(
        MostTensors,
        LargestPage,
        (size, token) => garden.ListTensorsAsync(new() { Name = model.Name.Value, Revision = model.Revision, Path = file, PageSize = size, PageToken = token }, cancellationToken));

    private static void Show(Session session, ListTensorsResponse list)
    {
        if (session.Out.IsJson)
        {
            session.Out.Json(new JsonObject
            {
                ["commit"] = list.Commit,
                ["tensors"] = new JsonArray([.. list.Tensors.Select(Printer.ToNode)]),
            });
            return;
        }

        session.Out.Table(["tensor", "type", "shape"], [.. list.Tensors.Select(tensor => new Cell[] { tensor.Name, tensor.Type, string.Join(" × ", tensor.Shape) })]);
        session.Out.Note($"{list.Tensors.Count} tensors");
    }
}
