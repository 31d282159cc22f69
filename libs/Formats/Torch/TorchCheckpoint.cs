using ModelGarden.Formats.Pickles;

namespace ModelGarden.Formats.Torch;

/// <summary>A checkpoint whose pickle was followed: what it would make, and where its storages lie.</summary>
/// <param name="Root">What the pickle gives.</param>
/// <param name="Storages">Where each storage's bytes begin in the file, by key.</param>
/// <param name="IsLittleEndian">Written by a machine that writes the lowest byte first.</param>
internal sealed record TorchCheckpoint(PickleValue Root, IReadOnlyDictionary<string, long> Storages, bool IsLittleEndian)
{
    public static TorchFacts Facts(string layout, PickleValue root, PickleTensors tensors, int storages)
    {
        var tree = new TensorTree();
        tree.Add(root);
        return new()
        {
            Layout = layout,
            TensorCount = tensors.Total,
            Tensors = [.. tree.Tensors.Take(TensorTree.MaximumListed).Select(named => new TensorFact(named.Name, named.Tensor.TypeName, named.Tensor.Shape))],
            ParametersByType = tensors.ByType,
            Parameters = tensors.Parameters,
            StorageCount = storages,
        };
    }
}
