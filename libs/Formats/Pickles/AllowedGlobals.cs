using System.Collections.Frozen;
using ModelGarden.Formats.Torch;

namespace ModelGarden.Formats.Pickles;

/// <summary>
/// What a pickle of tensors needs, each with what it may be called with: the list of torch's own restricted loader, NumPy's constructors of arrays, and
/// harmless collections. A name in it is no pass for its call.
/// </summary>
internal static class AllowedGlobals
{
    private static readonly AllowedGlobal Named = new();

    private static readonly string[] BuiltinModules = ["builtins", "__builtin__"];

    private static readonly FrozenDictionary<string, AllowedGlobal> All = Build();

    public static AllowedGlobal? Find(string fullName) => All.GetValueOrDefault(fullName);

    private static FrozenDictionary<string, AllowedGlobal> Build()
    {
        var all = new Dictionary<string, AllowedGlobal>(StringComparer.Ordinal);
        AddBuiltins(all);
        AddCollections(all);
        AddNumpy(all);
        AddTensors(all);
        AddTypes(all);
        return all.ToFrozenDictionary(StringComparer.Ordinal);
    }

    private static void AddBuiltins(Dictionary<string, AllowedGlobal> all)
    {
        foreach (var module in BuiltinModules)
        {
            all[$"{module}.set"] = new(Product.Set, BuiltinRules.OneCollection);
            all[$"{module}.frozenset"] = new(Product.Set, BuiltinRules.OneCollection);
            all[$"{module}.complex"] = new(Product.Opaque, BuiltinRules.Numbers);
            all[$"{module}.slice"] = new(Product.Opaque, BuiltinRules.Numbers);
            all[$"{module}.range"] = new(Product.Opaque, BuiltinRules.Numbers);
            all[$"{module}.xrange"] = new(Product.Opaque, BuiltinRules.Numbers);
            all[$"{module}.bytearray"] = new(Product.Bytes, BuiltinRules.Bytes);
            all[$"{module}.bytes"] = new(Product.Bytes, BuiltinRules.Bytes);
            foreach (var type in (string[])["list", "dict", "tuple", "int", "float", "bool", "str", "long", "unicode"])
            {
                all[$"{module}.{type}"] = Named;
            }
        }

        all["_codecs.encode"] = new(Product.Bytes, BuiltinRules.Encode);
    }

    private static void AddCollections(Dictionary<string, AllowedGlobal> all)
    {
        all["collections.OrderedDict"] = new(Product.Dictionary, BuiltinRules.Pairs);
        all["collections.Counter"] = new(Product.Dictionary, BuiltinRules.Pairs);
        all["collections.defaultdict"] = new(Product.Dictionary, BuiltinRules.DefaultDictionary);
        all["collections.deque"] = new(Product.List, BuiltinRules.Deque);
    }

    private static void AddNumpy(Dictionary<string, AllowedGlobal> all)
    {
        all["numpy.ndarray"] = Named;
        all["numpy.dtype"] = new(Product.DataType, NumpyRules.DataType);
        foreach (var core in (string[])["numpy.core", "numpy._core"])
        {
            all[$"{core}.multiarray._reconstruct"] = new(Product.Array, NumpyRules.Reconstruct);
            all[$"{core}.multiarray.scalar"] = new(Product.Opaque, NumpyRules.Scalar);
            all[$"{core}.numeric._frombuffer"] = new(Product.Array, NumpyRules.FromBuffer);
        }

        all["joblib.numpy_pickle.NumpyArrayWrapper"] = new(Product.JoblibArray, BuiltinRules.Nothing) { IsNew = true };
    }

    private static void AddTensors(Dictionary<string, AllowedGlobal> all)
    {
        foreach (var (name, rule) in Rebuilding)
        {
            all[name] = new(Product.Tensor) { Rebuild = rule };
        }

        foreach (var type in (string[])["torch.Tensor", "torch.nn.parameter.Parameter", "torch.nn.Parameter"])
        {
            all[type] = Named;
        }
    }

    private static void AddTypes(Dictionary<string, AllowedGlobal> all)
    {
        all["torch.Size"] = new(Product.Size, BuiltinRules.Size);
        all["torch.device"] = new(Product.Opaque, BuiltinRules.Device);
        all["torch.serialization._get_layout"] = new(Product.Opaque, BuiltinRules.Layout);
        foreach (var name in TorchTypes.Names.Concat(["per_tensor_affine", "per_tensor_symmetric", "per_channel_affine", "per_channel_symmetric", "per_channel_affine_float_qparams", "strided", "sparse_coo", "sparse_csr", "contiguous_format"]))
        {
            all[$"torch.{name}"] = Named;
        }

        foreach (var name in TorchTypes.StorageNames)
        {
            all[$"torch.{name}"] = all[$"torch.cuda.{name}"] = all[$"torch.storage.{name}"] = Named;
        }
    }

    private static IEnumerable<(string Name, Func<PickleValue[], Rebuilt> Rule)> Rebuilding =>
    [
        ("torch._utils._rebuild_tensor", TensorRules.Plain),
        ("torch._utils._rebuild_tensor_v2", TensorRules.Plain),
        ("torch._utils._rebuild_tensor_v3", TensorRules.WithType),
        ("torch._utils._rebuild_parameter", TensorRules.Parameter),
        ("torch._utils._rebuild_parameter_with_state", TensorRules.Parameter),
        ("torch._utils._rebuild_sparse_tensor", TensorRules.Sparse),
        ("torch._utils._rebuild_sparse_csr_tensor", TensorRules.Sparse),
        ("torch._utils._rebuild_qtensor", TensorRules.Quantised),
        ("torch._utils._rebuild_meta_tensor_no_storage", TensorRules.Meta),
        ("torch._utils._rebuild_device_tensor_from_numpy", TensorRules.FromOther),
        ("torch._utils._rebuild_xla_tensor", TensorRules.FromOther),
        ("torch._utils._rebuild_device_tensor_from_cpu_tensor", TensorRules.FromOther),
        ("torch._tensor._rebuild_from_type_v2", TensorRules.FromType),
    ];
}
